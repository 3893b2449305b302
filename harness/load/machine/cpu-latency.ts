/**
 * Keeps this machine's idle processors from going to sleep. One that sleeps is late with whatever it is woken for: with requests that are
 * due, and on a virtual machine by several ms, because the hypervisor gave it away meanwhile and counts the way back as stolen.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs'

export interface CpuLatencyHold extends Disposable {
  /** False where this process may not have it so; nothing is different then. */
  readonly held: boolean
}

/** Linux, Documentation/power/pm_qos_interface.rst: the latency in µs that is asked for, in force while the file is open. */
const device = '/dev/cpu_dma_latency'

/** Until it is disposed of, or this process ends in any way. */
export function holdCpuLatency(path: string = device): CpuLatencyHold {
  let file: number | null = null
  const closeDevice = (): void => {
    if (file !== null) closeSync(file)
  }
  try {
    file = openSync(path, constants.O_WRONLY)
    writeSync(file, new Int32Array([0]))
    return { held: true, [Symbol.dispose]: closeDevice }
  } catch {
    closeDevice()
    return { held: false, [Symbol.dispose]() {} }
  }
}
