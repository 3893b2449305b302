/** undici as a load tool, in its cheapest way: `dispatch` with handlers that only read the status. */
import { Pool } from 'undici'
import { monotonicUs } from '../../base/clock.ts'
import type { LoadTask } from './clients.ts'

const duty = JSON.parse(process.argv[2] ?? '{}') as LoadTask
const { url, seconds, connections, ratePerSecond } = duty
const { origin, pathname: path } = new URL(url)
const pool = new Pool(origin, { connections, pipelining: 1 })
const said = { ok: 0, failed: 0 }
const startUs = monotonicUs()
const endUs = startUs + seconds * 1e6
let inFlight = 0

function sendRequest(onEnd: () => void): void {
  let status = 0
  inFlight++
  const settle = (ok: boolean): void => {
    said[ok ? 'ok' : 'failed']++
    inFlight--
    onEnd()
  }
  pool.dispatch(
    { path, method: 'GET' },
    {
      onRequestStart() {},
      onResponseStart: (_, code) => void (status = code),
      onResponseData() {},
      onResponseEnd: () => settle(status >= 200 && status < 300),
      onResponseError: () => settle(false),
    },
  )
}

function printResult(): void {
  if (inFlight > 0) return
  process.stdout.write(JSON.stringify(said))
  void pool.destroy()
}

function sendAgain(): void {
  if (monotonicUs() < endUs) sendRequest(sendAgain)
  else printResult()
}

/** Sends what is due, once a millisecond. */
function runOpenLoop(rate: number): void {
  let sent = 0
  let isOver = false
  const timer = setInterval(() => {
    const nowUs = Math.min(monotonicUs(), endUs)
    // The last answer may belong to a request that was sent long before the end.
    for (; sent < ((nowUs - startUs) * rate) / 1e6; sent++) sendRequest(() => isOver && printResult())
    if (nowUs < endUs) return
    isOver = true
    clearInterval(timer)
    printResult()
  }, 1)
}

if (ratePerSecond === null) for (let index = 0; index < connections; index++) sendRequest(sendAgain)
else runOpenLoop(ratePerSecond)
