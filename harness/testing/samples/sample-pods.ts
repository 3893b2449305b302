import type { EndpointLag } from '../../model/figures/margin.ts'
import type { PodTimeline } from '../../model/result.ts'
import type { Behaviour } from '../behaviours.ts'

const second = 1_000_000

/** Three old pods that leave one after another, each once its successor is ready. */
export function buildPods(behaviour: Behaviour, random: () => number): PodTimeline[] {
  const names = ['x2k4q', 'b8w7n', 'p5vtz', 'm9c6d', 'h4s2r', 'z7j3f']
  const old = [0, 1, 2].map((place): PodTimeline => {
    const deletionUs = Math.round((7.1 + place * 2.3 + random() * 0.1) * second)
    const goneUs = deletionUs + Math.max(...behaviour.containers.map(({ exitMs }) => exitMs)) * 1_000 + 35_000
    return {
      pod: `sample-6f7d9c5b84-${names[place]}`,
      node: `node-${place + 1}`,
      old: true,
      createdUs: -20 * second,
      readyUs: -18 * second,
      deletionUs,
      endpointRemovedUs: deletionUs + 18_000,
      removedFromProxyUs: deletionUs + 412_000,
      goneUs,
      lastFreshUs: deletionUs + Math.min(300, (behaviour.containers[0]?.hookMs ?? 4) - 2) * 1_000,
      lastLedUs: null,
      containers: behaviour.containers.map(({ name, ...stop }) => ({
        name,
        moments: buildMoments(stop, deletionUs),
        faults: [],
      })),
    }
  })
  const young = [0, 1, 2].map((place): PodTimeline => {
    const createdUs = place === 0 ? 5.03 * second : (old[place - 1]?.deletionUs ?? 0) + 20_000
    const started = {
      moment: 'started',
      atUs: createdUs + 400_000,
      errorUs: 500,
      source: 'kubelet',
      detail: null,
    } as const
    return {
      pod: `sample-7c9d8f6b55-${names[place + 3]}`,
      node: `node-${place + 1}`,
      old: false,
      createdUs,
      readyUs: createdUs + 1_950_000,
      deletionUs: null,
      endpointRemovedUs: null,
      removedFromProxyUs: null,
      goneUs: null,
      lastFreshUs: null,
      lastLedUs: null,
      containers: behaviour.containers.map(({ name }) => ({ name, moments: [started], faults: [] })),
    }
  })
  return [...old, ...young]
}

function buildMoments(
  stop: Omit<Behaviour['containers'][number], 'name'>,
  deletionUs: number,
): PodTimeline['containers'][number]['moments'] {
  const kubeletAt = (ms: number) => ({ atUs: deletionUs + ms * 1_000, errorUs: 500, source: 'kubelet' as const })
  const hook =
    stop.hookMs === null
      ? []
      : [
          { moment: 'hook-began' as const, ...kubeletAt(4), detail: null },
          { moment: 'hook-ended' as const, ...kubeletAt(stop.hookMs), detail: null },
        ]
  return [
    ...hook,
    { moment: 'signal', ...kubeletAt((stop.hookMs ?? 4) + 2), detail: stop.signal },
    { moment: 'exited', ...kubeletAt(stop.exitMs), detail: String(stop.exitCode) },
  ]
}

/** For the pods that leave. */
export function buildEndpointLags(pods: readonly PodTimeline[]): EndpointLag[] {
  return pods.flatMap(({ pod, deletionUs, endpointRemovedUs, lastFreshUs }) =>
    deletionUs === null || endpointRemovedUs === null || lastFreshUs === null
      ? []
      : [
          {
            pod,
            sinceDeletionUs: lastFreshUs - deletionUs,
            sinceEndpointRemovedUs: lastFreshUs - endpointRemovedUs,
            atLeast: false,
          },
        ],
  )
}
