// What a User-Agent says to a person: "Firefox 128 on Linux", or the program's own name.
const kBrowsers: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bEdg(?:A|iOS)?\/(\d+)/, 'Edge'], [/\bOPR\/(\d+)/, 'Opera'], [/\bFirefox\/(\d+)/, 'Firefox'], [/\b(?:Headless)?Chrom(?:e|ium)\/(\d+)/, 'Chrome'], [/\bVersion\/(\d+).*\bSafari\//, 'Safari'],
];
const kSystems: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/Windows/, 'Windows'], [/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Mac OS X/, 'macOS'], [/Linux/, 'Linux'],
];

// Browsers of all makers begin so.
export const isBrowser = (agent: string | null): boolean => agent?.startsWith('Mozilla/') ?? false;

export function agentName(agent: string | null): string {
  if (agent === null) return 'without a name';
  if (!isBrowser(agent)) return agent.split(/[\s(]/, 1)[0] || agent;
  const system = kSystems.find(([pattern]) => pattern.test(agent))?.[1];
  for (const [pattern, name] of kBrowsers) {
    const version = pattern.exec(agent)?.[1];
    if (version !== undefined) return `${name} ${version}${system ? ` on ${system}` : ''}`;
  }
  return `a browser${system ? ` on ${system}` : ''}`;
}
