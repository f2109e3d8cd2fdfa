@_exported public import OneLogger
