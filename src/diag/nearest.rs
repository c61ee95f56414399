//! A misspelt word × the known words → the known word that was probably meant.

/// The known word nearest to a misspelt one, if at most half of its characters differ.
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|&candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|&(distance, candidate)| distance * 2 <= candidate.chars().count().max(2))
        .min()
        .map(|(_, candidate)| candidate)
}
