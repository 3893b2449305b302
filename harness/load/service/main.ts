/** The driver's program. */
import { Driver } from '../driver/driver.ts'
import { runProgram } from './driver-program.ts'

runProgram((plan) => new Driver(plan))
