import { checkLocalMachine } from '../cluster/local.ts'
import { exitCodes } from '../fault.ts'
import { paint } from '../terminal/text.ts'

/** Says what this machine can run; exit code 3 when the embedded cluster cannot. */
export async function doctorCommand(options: { json?: boolean }): Promise<number> {
  const checks = await checkLocalMachine()
  if (options.json) process.stdout.write(`${JSON.stringify(checks, null, 2)}\n`)
  else {
    for (const { name, ok, found, fix } of checks) {
      const mark = ok ? paint('green', '✓', process.stdout) : paint('red', '✗', process.stdout)
      process.stdout.write(`${mark} ${name}: ${found}\n${ok ? '' : `    ${fix}\n`}`)
    }
  }
  return checks.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.environment
}
