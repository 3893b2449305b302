/** One malicious or damaged input: a file of the user's, a log, an API server, an option. */
export interface HostileInput {
  name: string
  /** nodrop's required exit code; for accepted input, that of the command. */
  exitCode: number
  says: RegExp
  /** Makes it in an empty folder and returns the command that reads it; the stack closes what it opens. */
  prepare: (folder: string, stack: AsyncDisposableStack) => Command | Promise<Command>
}

/** Returns an exit code, and writes to standard output, like the command line. */
export type Command = () => number | void | Promise<number | void>
