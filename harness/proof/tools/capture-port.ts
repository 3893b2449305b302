/** A capture of one port on the loopback interface, from before a program starts until after it has ended. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Fault } from '../../base/fault.ts'
import { startProcess } from '../../base/child-process.ts'
import { pause } from '../../base/polling.ts'

/** Time for the last packets to reach the file. */
const settleMs = 150

/** Resolves with the result of `work` once the file is complete. Rejects if it lacks packets. */
export async function captureWhile<T>(port: number, file: string, work: () => Promise<T>): Promise<T> {
  const options = ['-i', 'lo', '-n', '-B', '65536', '--immediate-mode', '-Z', 'root', '-w', file]
  const child = startProcess(['tcpdump', ...options, `tcp port ${port}`])
  const lines: string[] = []
  const reader = createInterface({ input: child.stderr! }).on('line', (line: string) => lines.push(line))
  const ended = once(reader, 'close')
  let running = true
  const stop = async (): Promise<void> => {
    if (running) child.kill('SIGINT')
    running = false
    await Promise.all([child.exited, ended])
  }
  try {
    while (!lines.some((line) => line.includes('listening on'))) {
      const state = await Promise.race([once(reader, 'line'), ended.then(() => 'ended')])
      if (state === 'ended') throw new Fault('environment', `Cannot capture on lo: tcpdump says ${lines.join(' ')}`)
    }
    const result = await work()
    await pause(settleMs)
    await stop()
    const missing = lines.find((line) => /^[1-9]\d* packets? dropped by kernel/.test(line))
    if (missing !== undefined) throw new Fault('unknown', `Cannot rely on the capture: ${missing}`)
    return result
  } finally {
    await stop()
  }
}
