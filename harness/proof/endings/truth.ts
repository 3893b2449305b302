/** The pod that a request was sent to, by the observations of the kernel and the servers, and whether the analysis names the same one. */
import type { RequestRecord } from '../../model/record.ts'
import type { Loss } from '../../model/result.ts'
import type { ServerObservations, ServerPod } from './servers.ts'
import type { Syn } from '../wire/syns.ts'

/** Observations besides the run's own log. */
export interface RunWitnesses extends ServerObservations {
  syns: readonly Syn[]
  /** The wall clock at 0 of the run's clock, in ms. */
  originMs: number
  /** The prefix of a request's number in its id. */
  runToken: string
}

export interface Truth {
  /** `null`: no pod, because the Service had none. */
  pod: string | null
  /** The pod that its first SYN was sent to, which counts if no SYN was answered. */
  firstPod: string | null
  /** Whether an earlier SYN of the same connection was sent to another pod. */
  moved: boolean
  by: 'kernel' | 'server' | 'both'
  /** The contradiction between the sources, if any: then none of them is used. */
  contradiction: string | null
}

/**
 * How good the attribution of a loss is. `right`: the one named pod is right (or none is named, and there was none). `listed`: it is among
 * several candidates, which may include none. `undecided`: no pod is named. `unproven`: the truth is unknown.
 */
export type Blame = 'right' | 'listed' | 'wrong' | 'undecided' | 'unproven'
export const blames: readonly Blame[] = ['right', 'listed', 'wrong', 'undecided', 'unproven']

/** Maximum difference between the clocks of kernel, harness and driver. */
const slackMs = 50
/** A pod is seen only some time after it got its address. */
const discoveryDelayMs = 1_000

type TruthFinder = (request: RequestRecord) => Truth | null

/** Returns `null` if it is unknown: from the kernel, from a server that had the request, and from its answer. */
export function createTruthFinder({ syns, pods, requests, originMs, runToken }: RunWitnesses): TruthFinder {
  const byPort = Map.groupBy(syns, ({ port }) => port)
  for (const of of byPort.values()) of.sort((a, b) => a.atMs - b.atMs)
  const byAddress = Map.groupBy(pods, ({ ip }) => ip)
  const findKernelTruth = (request: RequestRecord): Truth | null => {
    const began = originMs + (request.sentUs ?? 0) / 1000 - slackMs
    // Not until it was settled: a port may be reused as soon as its connection has ended.
    const untilMs = originMs + (request.connectedUs ?? request.settledUs) / 1000 + slackMs
    const sent = (byPort.get(request.localPort ?? -1) ?? []).filter(({ atMs }) => atMs <= untilMs)
    // Of the requests on a connection only the first knows when it began.
    const own = request.use > 1 ? sent.slice(-1) : sent.filter(({ atMs }) => atMs >= began)
    const last = own.at(-1)
    if (!last) return null
    const findPod = ({ ip, atMs }: Syn): string | null => findPodAt(byAddress.get(ip) ?? [], atMs)
    // A SYN that waits while the Service has no pod is sent to the first one that it gets.
    const moved = own.some((syn) => syn.ip !== last.ip && findPod(syn) !== null)
    return { pod: findPod(last), firstPod: findPod(own[0] ?? last), moved, by: 'kernel', contradiction: null }
  }
  return (request) => {
    const truth = findKernelTruth(request)
    const server = requests.get(`${runToken}-${request.driver}-${request.seq}`) ?? request.pod
    if (server === null) return truth
    if (!truth) return { pod: server, firstPod: server, moved: false, by: 'server', contradiction: null }
    if (truth.pod === server) return { ...truth, by: 'both' }
    return { ...truth, contradiction: `#${request.seq} was sent to ${truth.pod} by the kernel, and ${server} had it` }
  }
}

/** An address may later belong to another pod; until then packets to it are meant for the old one. */
function findPodAt(pods: readonly ServerPod[], atMs: number): string | null {
  return pods.findLast(({ fromMs }) => fromMs - discoveryDelayMs <= atMs)?.name ?? null
}

/** For a loss at the first SYN the pod of that one counts, else the one of the last. */
export function classifyBlame(
  { pod, candidates, podless, lostBy }: Pick<Loss, 'pod' | 'candidates' | 'podless' | 'lostBy'>,
  truth: Truth | null,
): Blame {
  if (truth === null || truth.contradiction !== null) return 'unproven'
  const right = lostBy === 'first-syn' ? truth.firstPod : truth.pod
  if (candidates.length > 0) {
    const isListed = right === null ? podless === 'possible' : candidates.includes(right)
    return isListed ? 'listed' : 'wrong'
  }
  // No pod is named: only with `certain` absence of a pod is that an attribution.
  if (pod === null && podless === 'certain') return right === null ? 'right' : 'wrong'
  if (pod === right) return 'right'
  return pod === null ? 'undecided' : 'wrong'
}
