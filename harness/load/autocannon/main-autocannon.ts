/** The driver's program with autocannon as its engine. */
import { AutocannonEngine } from './autocannon-engine.ts'
import { runDriverProgram } from '../service/driver-program.ts'

runDriverProgram((plan) => new AutocannonEngine(plan))
