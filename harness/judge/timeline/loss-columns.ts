/** The columns of the table of lost requests: the server writes its first rows, the browser writes all others. */
import type { Loss } from '../../model/result.ts'
import { nameClients } from '../../model/tools/retrying-clients.ts'
import { formatDuration, formatInstant } from '../../base/figures.ts'
import type { TimeScale } from './timeline-geometry.ts'

/** The cells of a row after the request's name. */
export const lossColumns: readonly {
  title: string
  numeric: boolean
  value: (loss: Loss, scale: TimeScale) => string
}[] = [
  { title: 'outcome', numeric: false, value: ({ outcome }) => outcome },
  { title: 'status', numeric: true, value: ({ request }) => (request.status === null ? '–' : String(request.status)) },
  { title: 'lost at', numeric: true, value: ({ lostUs }, { originUs }) => formatInstant(lostUs, originUs) },
  { title: 'after', numeric: true, value: ({ request }) => formatDuration(request.settledUs - request.dueUs) },
  { title: 'lane', numeric: false, value: ({ request }) => request.lane },
  { title: 'use', numeric: true, value: ({ request }) => String(request.use) },
  {
    title: 'pod',
    numeric: false,
    value: ({ pod, attributedBy, podless }) =>
      pod === null ? (podless === 'certain' ? 'none' : 'not known') : attributedBy === null ? `likely ${pod}` : pod,
  },
  {
    title: 'latest moment',
    numeric: false,
    value: ({ moment }) => (moment === null ? '–' : [moment.name, moment.container].filter(Boolean).join(' ')),
  },
  { title: 'since', numeric: true, value: ({ moment }) => (moment === null ? '–' : formatDuration(moment.sinceUs)) },
  { title: 'since deletion', numeric: true, value: ({ sinceDeletionUs }) => formatDuration(sinceDeletionUs) },
  {
    title: 'sent again by',
    numeric: false,
    value: ({ retriedBy }) => nameClients(retriedBy).join(', ') || 'none',
  },
]
