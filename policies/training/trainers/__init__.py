"""TRL's trainers with what is missing for this project; each module says what it adds and why. Imports torch."""
