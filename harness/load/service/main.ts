/** The driver's program. */
import { Driver } from '../driver/driver.ts'
import { createHttp1Transport } from '../http1/http1-connection.ts'
import { runDriverProgram } from './driver-program.ts'

runDriverProgram((plan) => new Driver(plan, createHttp1Transport(plan)))
