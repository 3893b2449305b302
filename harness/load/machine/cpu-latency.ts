/**
 * Keeps this machine's idle processors from entering sleep states. A sleeping processor wakes up late for requests that are due; on a
 * virtual machine by several ms, because the hypervisor runs others meanwhile and counts the way back as stolen time.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs'

export interface CpuLatencyHold extends Disposable {
  /** False where this process lacks the permission; then nothing changes. */
  readonly held: boolean
}

/** Linux, Documentation/power/pm_qos_interface.rst: the latency limit in µs is in force while the file is open. */
const device = '/dev/cpu_dma_latency'

/** Holds it until disposed of, or until this process ends in any way. */
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
