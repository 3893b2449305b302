/** Runs one of the machine's own programs to its end. */
import { spawn } from 'node:child_process'

/** Where the machine's administration programs are; an unprivileged user's PATH often leaves out the sbin ones. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface CommandResult {
  /** 128 + signal number when a signal ended it. */
  exitCode: number
  stdout: string
  stderr: string
}

export interface CommandOptions {
  /** Written to its standard input. */
  input?: string
}

/** Runs `argv` to its end, whatever its exit code. Throws only when it could not be started. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = '', ...args] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { PATH: systemPath, LC_ALL: 'C' }, stdio: 'pipe' })
    const output = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text))
    }
    // A program that ends without reading its input: its exit code says more than EPIPE.
    child.stdin.on('error', () => undefined).end(options.input ?? '')
    child.on('error', (error) => reject(new Error(`Cannot run ${program}: ${error.message}`, { cause: error })))
    child.on('close', (code) => resolve({ exitCode: code ?? 137, ...output }))
  })
}

/** Runs `argv` and throws what it said when it failed; gives its standard output. */
export async function mustRun(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await runCommand(argv, options)
  if (exitCode === 0) return stdout
  const said = (stderr || stdout).trim() || 'it said nothing'
  throw new Error(`${argv.slice(0, 3).join(' ')} … failed with exit code ${exitCode}: ${said}`)
}
