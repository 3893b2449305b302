/** One requirement of a cluster, of this machine or of a cluster run by others. */
export interface MachineCheck {
  name: string
  ok: boolean
  found: string
  /** What to do, in one or more lines; empty if the requirement is fulfilled and nothing can be improved. */
  fix: string
}
