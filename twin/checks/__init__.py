"""Results of checks: what was asked, who passed, who failed and why; said in any language, written out."""
