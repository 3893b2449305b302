import type { BaselineRow } from '../../model/baseline/baseline.ts'

/** `rollout × sleep`. */
export function formatRowName({ scenario, configuration }: Pick<BaselineRow, 'scenario' | 'configuration'>): string {
  return `${scenario} × ${configuration}`
}
