/** How six configurations of nginx and gunicorn behave when their pods are replaced: the figures behind the sample runs. */
import type { Outcome } from '../model/record.ts'

/** A container's end, in ms after the pod's deletion. */
interface Stop {
  name: string
  hookMs: number | null
  signal: string
  exitMs: number
  exitCode: number
}

/** Requests lost by every old pod between two instants after its deletion. */
export interface Burst {
  outcome: Outcome
  perPod: number
  fromMs: number
  toMs: number
  tookMs: number
  container: string
  status: number | null
  reusedOnly: boolean
  detail: string | null
}

export interface Behaviour {
  name: string
  hypothesis: string
  containers: Stop[]
  bursts: Burst[]
}

const defineStop = (name: string, hookMs: number | null, exit: { signal: string; ms: number; code: number }): Stop => ({
  name,
  hookMs,
  signal: exit.signal,
  exitMs: exit.ms,
  exitCode: exit.code,
})

const defineBurst = (outcome: Outcome, perPod: number, window: [number, number], more: Partial<Burst> = {}): Burst => ({
  outcome,
  perPod,
  fromMs: window[0],
  toMs: window[1],
  tookMs: 0.6,
  container: 'nginx',
  status: null,
  reusedOnly: false,
  detail: outcome === 'refused' ? 'ECONNREFUSED' : null,
  ...more,
})

export const behaviours: Behaviour[] = [
  {
    name: 'naive',
    hypothesis:
      'An entrypoint without exec keeps the stop signal from both servers: requests are cut when the grace ends.',
    containers: [
      defineStop('nginx', null, { signal: 'TERM', ms: 60, code: 0 }),
      defineStop('gunicorn', null, { signal: 'TERM', ms: 8_002, code: 137 }),
    ],
    bursts: [
      defineBurst('refused', 34, [30, 410]),
      defineBurst('closed-before-response', 7, [8, 60], { tookMs: 60 }),
      defineBurst('unreachable', 2, [380, 470], { detail: 'EHOSTUNREACH' }),
    ],
  },
  {
    name: 'exec',
    hypothesis: 'With exec the signal arrives at once, before traffic has moved away: new connections are refused.',
    containers: [
      defineStop('nginx', null, { signal: 'TERM', ms: 40, code: 0 }),
      defineStop('gunicorn', null, { signal: 'TERM', ms: 160, code: 0 }),
    ],
    bursts: [
      defineBurst('refused', 44, [22, 412]),
      defineBurst('closed-before-response', 12, [6, 45], { tookMs: 60 }),
      defineBurst('reset-before-response', 3, [10, 60], { detail: 'ECONNRESET' }),
    ],
  },
  {
    name: 'nginx-quit',
    hypothesis:
      'A preStop of nginx -s quit closes the listening sockets at once: new connections are refused until the endpoint is gone.',
    containers: [
      defineStop('nginx', 9, { signal: 'TERM', ms: 70, code: 0 }),
      defineStop('gunicorn', 9_004, { signal: 'TERM', ms: 9_120, code: 0 }),
    ],
    bursts: [
      defineBurst('refused', 29, [14, 412]),
      defineBurst('closed-before-response', 4, [12, 80], { tookMs: 60, reusedOnly: true }),
    ],
  },
  {
    name: 'sleep',
    hypothesis: 'A sleep lets new connections move away, but kept ones are cut by the fast shutdown that ends it.',
    containers: [
      defineStop('nginx', 5_004, { signal: 'TERM', ms: 5_060, code: 0 }),
      defineStop('gunicorn', 5_004, { signal: 'TERM', ms: 5_130, code: 0 }),
    ],
    bursts: [defineBurst('closed-before-response', 7, [5_006, 5_140], { tookMs: 50, reusedOnly: true })],
  },
  {
    name: 'app-first',
    hypothesis:
      'nginx sleeps and drains while gunicorn stops at once: every request that nginx still takes becomes a 502.',
    containers: [
      defineStop('nginx', 5_004, { signal: 'QUIT', ms: 5_150, code: 0 }),
      defineStop('gunicorn', null, { signal: 'TERM', ms: 130, code: 0 }),
    ],
    bursts: [
      defineBurst('http-5xx', 312, [140, 5_020], { status: 502, tookMs: 1.2, container: 'gunicorn' }),
      defineBurst('truncated', 1, [110, 150], {
        status: 200,
        tookMs: 80,
        container: 'gunicorn',
        detail: 'got 8,192 of 65,536 bytes',
      }),
    ],
  },
  {
    name: 'graceful',
    hypothesis: 'nginx sleeps, then quits and waits; gunicorn outlives it; the grace covers both: nothing is lost.',
    containers: [
      defineStop('nginx', 5_210, { signal: 'QUIT', ms: 5_330, code: 0 }),
      defineStop('gunicorn', 7_004, { signal: 'TERM', ms: 7_120, code: 0 }),
    ],
    bursts: [],
  },
]
