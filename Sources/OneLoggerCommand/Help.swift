/// What `--help` prints.
enum Help {
    static let program = """
        Checks and explains configurations of OneLogger.

        usage: onelogger validate FILE…    check configurations, and start nothing
               onelogger explain [FILE]    print the configuration that applies, and where each value came from
               onelogger COMMAND --help    say more about a command
               onelogger --version         print the version

        """

    static let validate = """
        Checks configurations, YAML or JSON, down to the options of exporters and plug-ins. Nothing is opened or started.

        usage: onelogger validate [--quiet] [--ignore-environment] [--allow TYPE]… [--stamp STAMP] FILE…

          --quiet               print problems only
          --ignore-environment  do not look at environment variables: a value that needs one is not checked
          --allow TYPE          an exporter or plug-in that the program brings itself; its options are not checked
          --stamp STAMP         write this file when all is well, for build tools

        Every problem of every file is printed to standard error as FILE:LINE:COLUMN: error: WHAT. WHAT TO DO.
        Exits 0 when there is none, 1 when there are some, 2 when the arguments make no sense.

        """

    static let explain = """
        Prints the configuration that applies here and now, one line per key, with the place that each value came from.
        Without FILE it is found as a program finds it: by ONE_LOGGER_EXPORTER_CONFIG_PATH, then by its standard names.
        Secrets are shown as <redacted>.

        usage: onelogger explain [--allow TYPE]… [FILE]

          --allow TYPE          an exporter or plug-in that the program brings itself; its options are not checked

        Exits 0, 1 when the configuration has problems, 2 when the arguments make no sense.

        """
}
