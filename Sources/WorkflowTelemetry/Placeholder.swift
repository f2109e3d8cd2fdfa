internal import OneLogger
