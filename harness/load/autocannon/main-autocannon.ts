/** The driver's program with autocannon as its engine. */
import { AutocannonEngine } from './autocannon-engine.ts'
import { runProgram } from '../service/driver-program.ts'

runProgram((plan) => new AutocannonEngine(plan))
