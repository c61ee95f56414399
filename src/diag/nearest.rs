//! A misspelt word × the known words → the one that was meant.

/// The known word nearest to a misspelt one, if it is near enough to be meant.
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|&candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|&(distance, candidate)| distance * 2 <= candidate.chars().count().max(2))
        .min()
        .map(|(_, candidate)| candidate)
}
