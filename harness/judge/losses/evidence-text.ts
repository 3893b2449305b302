/** How certain it is which pod a request belonged to, in one sentence. */
import type { Attribution, EvidenceLevel, KernelEvidence } from '../../model/loss.ts'
import { evidenceLevels } from '../../model/loss.ts'

const levelPhrases: Record<EvidenceLevel, (header: string | null) => string> = {
  'sample-header': (header) => `each answer names its pod in the sample’s own header ${header}`,
  'named-header': (header) => `each answer names its pod in the header ${header}`,
  kernel: () => 'the kernel’s connection tracking tells to which pod each connection was led',
  moments: () => 'nothing names the pod; losses are tied to pods by what happened to these at the time',
}

/** `Who answered: each answer names its pod in the header x-served-by (evidence level 2 of 4).` */
export function formatEvidenceLevel({ level, header, kernel }: Attribution): string {
  const number = evidenceLevels.indexOf(level) + 1
  const says = `Who answered: ${levelPhrases[level](header)} (evidence level ${number} of ${evidenceLevels.length}).`
  const more = formatKernel(kernel, level)
  return more === '' ? says : `${says} ${more}.`
}

function formatKernel({ state, why }: KernelEvidence, level: EvidenceLevel): string {
  const own =
    level === 'kernel' ? '' : 'Where a connection without an answer was led is told by the kernel’s connection tracking'
  switch (state) {
    case 'whole':
      return own
    case 'partial':
      return `${own === '' ? 'It was not whole' : `${own}, which was not whole`}: ${why ?? 'it was cut'}`
    case 'refused':
      return `Connection tracking could not be read: ${why ?? 'the reason is unknown'}`
    case 'absent':
    default:
      return ''
  }
}
