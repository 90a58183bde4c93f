"""What a sampled reply is worth: rewards that a program can verify. `registry` names them all."""
