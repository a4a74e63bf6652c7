"""What is said in place of an answer: care after a disclosure, and safe texts. The words lie beside, in YAML."""
