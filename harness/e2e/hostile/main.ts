/** Prints the table of hostile inputs: `node harness/setup/node24.cjs harness/e2e/hostile/main.ts [part of a name]`. */
import { playAll, formatTable } from './table.ts'

const played = await playAll(process.argv[2])
process.stdout.write(`${formatTable(played)}\n`)
if (played.some(({ wrong }) => wrong.length > 0)) process.exitCode = 1
