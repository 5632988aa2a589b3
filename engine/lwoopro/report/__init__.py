"""What people look at: tables and pages made from the analysis (R)."""
