// What can stand in a launch fragment: the elements and properties that an edit through the web may use.
import webEdits from '../../../schema/web_edits.json';

const kElements: Readonly<Record<string, readonly string[]>> = webEdits.elements;

export interface LaunchProposal {
  label: string;
  apply: string;
  detail: string;
}

/**
 * What fits behind `before`, the fragment up to the word that is being typed: an element at the beginning and after
 * each `!`, else a property of the element that stands there and that it does not have yet.
 */
export function launchProposals(before: string): LaunchProposal[] {
  const link = before.slice(before.lastIndexOf('!') + 1);
  const [element, ...set] = link.split(/\s+/).filter((token) => token !== '');
  if (element === undefined) {
    return Object.keys(kElements).map((label) => ({ label, apply: label, detail: 'element' }));
  }
  // Behind "property=" stands a value.
  if (!/\s$/.test(link) || !Object.hasOwn(kElements, element)) return [];
  const taken = new Set(set.map((token) => token.split('=')[0]));
  return [...(kElements[element] ?? []), 'name']
    .filter((property) => !taken.has(property))
    .map((label) => ({ label, apply: `${label}=`, detail: element }));
}
