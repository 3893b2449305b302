/** One input that means harm, or is damaged: a file of the user's, a log, an API server, an option. */
export interface HostileInput {
  name: string
  /** What nodrop must answer, as its exit code; for what is taken, that of the command. */
  exitCode: number
  says: RegExp
  /** Makes it in an empty folder and gives the command that meets it; what it opens is closed by the stack. */
  prepare: (folder: string, stack: AsyncDisposableStack) => Command | Promise<Command>
}

/** Gives an exit code, and writes to standard output, as the command line does. */
export type Command = () => number | void | Promise<number | void>
