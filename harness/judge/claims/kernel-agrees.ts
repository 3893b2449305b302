/** The kernel sent connections to the pods that the answers name. */
import { formatPlural } from '../../base/figures.ts'
import type { Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

export const kernelAgrees: Claim = {
  name: 'kernel-agrees',
  says: 'The kernel led each connection to the pod that answered on it',
  evidence:
    '`translation` of every new connection, joined with the requests by the driver’s port and the time, against the pod that each answer names',
  tolerance:
    'none; a port is another connection’s as soon as one has ended, so of each opening that counts which was told last before the next, within the error of its time, and nothing where it may be of the one before; what is not told proves nothing either way',
  conclusions: ['whose'],
  disturbance: false,
  check: ({ attribution: { kernel } }) => {
    const { agreed, contradicted, untold } = kernel
    const problem =
      contradicted === 0
        ? null
        : `${formatPlural(contradicted, 'request')} ${contradicted === 1 ? 'was' : 'were'} answered by another pod than the kernel had led ${contradicted === 1 ? 'its connection' : 'their connections'} to`
    return toClaimCheck(
      [problem],
      [
        createFigure('answered by the pod that the connection was led to', 'count', agreed),
        createFigure('answered by another pod', 'count', contradicted, 0),
        createFigure('answered, and nothing told of the connection', 'count', untold),
      ],
    )
  },
}
