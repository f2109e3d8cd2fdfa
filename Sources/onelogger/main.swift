import OneLoggerCommand

Command.main()
