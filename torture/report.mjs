// The results as the table of docs/proof.md.

/** A line a count; what is broken is marked, never hidden. */
export function table(results) {
  const lines = ['| What was done | What was seen |', '| --- | --- |'];
  for (const { says, rows, broken, seconds } of results) {
    lines.push(`| **${says}** | ${broken.length === 0 ? 'every promise held' : `**${broken.length} broken**`} (${seconds} s) |`);
    for (const [label, text] of rows) lines.push(`| ${label} | ${text} |`);
  }
  return lines.join('\n');
}
