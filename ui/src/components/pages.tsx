// Links to the other pages of a list. Those without an address are not shown; without any there is nothing.
import './pages.css';

export function Pages({ links, label = 'Pages' }: { links: readonly { text: string; href: string | false }[]; label?: string }) {
  const there = links.filter((link) => link.href !== false);
  if (there.length === 0) return null;
  return (
    <nav class="pages" aria-label={label}>
      {there.map((link) => <a key={link.text} class="button button-small" href={link.href || undefined}>{link.text}</a>)}
    </nav>
  );
}
