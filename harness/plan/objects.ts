/** Kubernetes objects in a user's file. The API checks everything beyond their names. */
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { formatIssues } from './yaml-issues.ts'
import { readYamlFile } from './yaml-file.ts'

/** With the further fields of its kind. */
export interface UserObject extends Record<string, unknown> {
  apiVersion: string
  kind: string
  metadata: { name: string }
}

const name = z.string().min(1)
const labels = z.record(z.string(), z.string()).nullish()
const objectSchema: z.ZodType<UserObject> = z.looseObject({
  apiVersion: name,
  kind: name,
  metadata: z.looseObject({ name, labels, annotations: labels }),
})

/** Throws a usage Fault for a document that is not an object, or without any document. */
export function readObjects(path: string): UserObject[] {
  const file = readYamlFile(path)
  if (file.documents.length === 0) throw new Fault('usage', `${path}:1: there is no object in it`)
  return file.documents.map((document, index) => {
    const parsed = objectSchema.safeParse(document)
    if (parsed.success) return parsed.data
    throw new Fault('usage', `${path} is not a file of Kubernetes objects:\n${formatIssues(file, parsed.error, index)}`)
  })
}
