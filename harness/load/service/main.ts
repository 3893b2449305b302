/** The driver's program. */
import { Driver } from '../driver/driver.ts'
import { runDriverProgram } from './driver-program.ts'

runDriverProgram((plan) => new Driver(plan))
