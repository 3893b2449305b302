/** The driver's program with autocannon as its engine. */
import { AutocannonEngine } from './autocannon-engine.ts'
import { runProgram } from './program.ts'

runProgram((plan) => new AutocannonEngine(plan))
