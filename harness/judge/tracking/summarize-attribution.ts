/** By what evidence it is known which pod each request belonged to. */
import type { Attribution, EvidenceLevel, KernelEvidence } from '../../model/loss.ts'
import type { Loss } from '../../model/result.ts'
import { sampleIdentification } from '../../model/workload.ts'
import type { Identification } from '../../model/workload.ts'
import type { Evidence } from '../facts/evidence.ts'
import type { KernelPods } from './kernel-pods.ts'

/** `kernel`: the reported connections, `null` if these end before the pods; `losses` are attributed already. */
export function summarizeAttribution(
  { podHeader }: Pick<Identification, 'podHeader'>,
  { evidence, kernel, losses }: { evidence: Evidence; kernel: KernelPods | null; losses: readonly Loss[] },
): Attribution {
  const told = summarizeKernel(evidence, kernel)
  const level: EvidenceLevel =
    podHeader === sampleIdentification.podHeader
      ? 'sample-header'
      : podHeader !== null
        ? 'named-header'
        : told.connections > 0 && kernel?.isDated
          ? 'kernel'
          : 'moments'
  return { level, header: podHeader, kernel: told, lost: countAttributions(losses) }
}

function summarizeKernel(evidence: Evidence, kernel: KernelPods | null): KernelEvidence {
  const counts = { agreed: 0, contradicted: 0, untold: 0 }
  const none = { why: null, connections: 0, ...counts }
  if (!kernel?.wasAsked) return { state: 'absent', ...none }
  const gap = kernel.findGap()
  if (!kernel.wasOn) return { state: 'refused', ...none, why: gap?.why ?? null }
  const { requests, translations } = evidence
  for (let index = 0; index < requests.size; index++) {
    const pod = requests.pod(index)
    if (pod === null || !requests.wasSent(index)) continue
    const led = kernel.findPod({
      driver: requests.driver(index),
      localPort: requests.localPort(index),
      sentUs: requests.sentUs(index),
    })
    counts[led === null ? 'untold' : led === pod ? 'agreed' : 'contradicted']++
  }
  const state = gap === undefined ? 'whole' : 'partial'
  return { state, why: gap?.why ?? null, connections: translations.size, ...counts }
}

function countAttributions(losses: readonly Loss[]): Attribution['lost'] {
  const counts: Attribution['lost'] = { response: 0, connection: 0, kernel: 0, moment: 0, several: 0, nobody: 0 }
  for (const { attributedBy, pod } of losses) counts[attributedBy ?? (pod === null ? 'nobody' : 'several')]++
  return counts
}
