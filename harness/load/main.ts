/** The driver's program. */
import { Driver } from './driver.ts'
import { runProgram } from './program.ts'

runProgram((plan) => new Driver(plan))
