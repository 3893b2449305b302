/** The process behind the command `nodrop`. */
import { getOwnPaths } from '../measure/own-paths.ts'
import { ignoreBrokenPipe } from '../terminal/broken-pipe.ts'
import { explainUncaughtErrors } from '../terminal/explain.ts'
import { runProgram } from './program.ts'

ignoreBrokenPipe()
explainUncaughtErrors('nodrop: ')
await runProgram(process.argv.slice(2), getOwnPaths())
