"""Where pull requests lie: a port, with GitHub and Azure DevOps behind it, spoken to without a vendor's library."""
