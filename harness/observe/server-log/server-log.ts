/** What servers say in their logs. Everything that nodrop knows of nginx and gunicorn themselves is in this folder. */
import type { ContainerMoment } from '../../model/record.ts'
import { readGunicorn } from './gunicorn.ts'
import { nginxReader } from './nginx.ts'

/** One line as what it means. */
export interface Moment {
  moment: ContainerMoment
  detail: string | null
}

/** Reads the lines of one container in their order, `null` for those that say nothing of interest. */
export type LineReader = (line: string) => Moment | null

/** A reader for a container whose server is not known yet: the lines themselves tell. */
export function lineReader(): LineReader {
  const readNginx = nginxReader()
  return (line) => readNginx(line) ?? readGunicorn(line)
}
