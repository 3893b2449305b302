import type { Attribution } from '../../model/loss.ts'
import type { Loss } from '../../model/result.ts'

/** For the sample on a cluster whose connection tracking was not requested. */
export function buildAttribution(losses: readonly Loss[]): Attribution {
  const lost: Attribution['lost'] = { response: 0, connection: 0, kernel: 0, moment: 0, several: 0, nobody: 0 }
  for (const { attributedBy, pod } of losses) lost[attributedBy ?? (pod === null ? 'nobody' : 'several')]++
  const counts = { connections: 0, agreed: 0, contradicted: 0, untold: 0 }
  return { level: 'sample-header', header: 'x-nodrop-pod', kernel: { state: 'absent', why: null, ...counts }, lost }
}
