// What can be gone back to.
import type { PipelineVersion } from '../api/types';

/**
 * The version that one step back leads to: the newest one before the applied text was first applied that had another
 * text. A version that restored an older one counts as that one, so that going back twice goes further back and not
 * to and fro. Undefined: there is nothing before.
 */
export function previousVersion(
  versions: readonly PipelineVersion[],
  applied: number,
): PipelineVersion | undefined {
  const current = versions.find(({ version }) => version === applied);
  if (!current) return undefined;
  let origin = current;
  for (let older = origin; older.restores !== undefined && older.restores < older.version; older = origin) {
    const restored = versions.find(({ version }) => version === older.restores);
    if (!restored) break;
    origin = restored;
  }
  const before = versions.filter(({ version, text }) => version < origin.version && text !== current.text);
  return before.reduce<PipelineVersion | undefined>(
    (newest, version) => (newest && newest.version > version.version ? newest : version),
    undefined,
  );
}

/** Who applied it, in words. */
export const whoApplied = ({ user }: PipelineVersion) => (user === '' ? 'changed in the folder' : user);
