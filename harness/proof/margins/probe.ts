/**
 * The probe as a separate program, in any network: opens connections to each target in a line of its standard input, until that ends, and
 * prints a line for each.
 */
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { ProbeAttempt, ProbeTarget } from './attempt.ts'

const limitMs = 1_000
const podHeader = /^x-nodrop-pod: *(?<pod>\S+)/im

function attemptConnection({ name, host, port, asks }: ProbeTarget): void {
  const atMs = performance.timeOrigin + performance.now()
  let told = false
  const tell = (failed: string | null, pod: string | null = null): void => {
    if (told) return
    told = true
    process.stdout.write(`${JSON.stringify({ target: name, atMs, pod, failed } satisfies ProbeAttempt)}\n`)
    // A reset leaves no port that must wait before it is reused.
    socket.resetAndDestroy()
  }
  let head = ''
  const socket = connect({ host, port, noDelay: true })
  socket.setEncoding('latin1')
  socket.setTimeout(limitMs, () => tell('timeout'))
  socket.once('connect', () => {
    if (asks) socket.write(`GET /?ms=0 HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n`)
    else tell(null)
  })
  socket.on('data', (text) => {
    head += text
    const pod = podHeader.exec(head)?.groups?.['pod']
    if (pod !== undefined) tell(null, pod)
  })
  socket.on('error', (error: NodeJS.ErrnoException) => tell(error.code ?? error.message))
  socket.on('close', () => tell('closed'))
}

const timers: NodeJS.Timeout[] = []
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const target = JSON.parse(line) as ProbeTarget
    timers.push(setInterval(() => attemptConnection(target), target.everyMs))
  })
  .on('close', () => {
    for (const timer of timers) clearInterval(timer)
    setTimeout(() => process.exit(0), limitMs)
  })
