/** Which pod a request went to, by what the kernel and the servers saw of it, and whether the analysis names the same one. */
import type { RequestRecord } from '../../model/record.ts'
import type { Loss } from '../../model/result.ts'
import type { ServerObservations, ServerPod } from './servers.ts'
import type { Syn } from '../wire/syns.ts'

/** What was seen beside the run's own log. */
export interface RunWitnesses extends ServerObservations {
  syns: readonly Syn[]
  /** The wall clock when the run's clock stood at 0, ms. */
  originMs: number
  /** What comes before a request's number in its id. */
  runToken: string
}

export interface Truth {
  /** `null`: no pod, as the Service had none. */
  pod: string | null
  /** To which its first SYN went: that is what nobody's answering any of them is told for. */
  firstPod: string | null
  /** An earlier SYN of the same connection had gone to another pod. */
  moved: boolean
  by: 'kernel' | 'server' | 'both'
  /** In what those who know contradict each other: then none of them is to be believed. */
  contradiction: string | null
}

/**
 * What a loss's blame is worth. `right`: one pod is named, and it is the one (or none is named, and there was none). `listed`: it is
 * among several candidates, of which none may be one. `undecided`: no pod is named. `unproven`: the truth is not known.
 */
export type Blame = 'right' | 'listed' | 'wrong' | 'undecided' | 'unproven'
export const blames: readonly Blame[] = ['right', 'listed', 'wrong', 'undecided', 'unproven']

/** By how much the clocks of kernel, harness and driver may disagree. */
const slackMs = 50
/** A pod is heard of after it has got its address. */
const discoveryDelayMs = 1_000

type TruthFinder = (request: RequestRecord) => Truth | null

/** Gives `null` where nobody knows: not the kernel, nor a server that had the request, nor its answer. */
export function createTruthFinder({ syns, pods, requests, originMs, runToken }: RunWitnesses): TruthFinder {
  const byPort = Map.groupBy(syns, ({ port }) => port)
  for (const of of byPort.values()) of.sort((a, b) => a.atMs - b.atMs)
  const byAddress = Map.groupBy(pods, ({ ip }) => ip)
  const findKernelTruth = (request: RequestRecord): Truth | null => {
    const began = originMs + (request.sentUs ?? 0) / 1000 - slackMs
    // Not until it was settled: a port may be taken again as soon as its connection has ended.
    const untilMs = originMs + (request.connectedUs ?? request.settledUs) / 1000 + slackMs
    const sent = (byPort.get(request.localPort ?? -1) ?? []).filter(({ atMs }) => atMs <= untilMs)
    // Of the requests on a connection only the first knows when it began.
    const own = request.use > 1 ? sent.slice(-1) : sent.filter(({ atMs }) => atMs >= began)
    const last = own.at(-1)
    if (!last) return null
    const findPod = ({ ip, atMs }: Syn): string | null => findPodAt(byAddress.get(ip) ?? [], atMs)
    // What waits while the Service has no pod goes to whichever it gets.
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

/** An address may be another pod's later; until then what is sent to it is sent to the one that is gone. */
function findPodAt(pods: readonly ServerPod[], atMs: number): string | null {
  return pods.findLast(({ fromMs }) => fromMs - discoveryDelayMs <= atMs)?.name ?? null
}

/** Of a loss that is told for the first SYN the pod to which that one went counts, else the one that had the last. */
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
  // No pod is named: only of what is said to belong to none is that a blame.
  if (pod === null && podless === 'certain') return right === null ? 'right' : 'wrong'
  if (pod === right) return 'right'
  return pod === null ? 'undecided' : 'wrong'
}
