//! Sentences of the samples → an archive of issues that is the same on every machine.

use std::fmt::Write as _;
use std::path::Path;

use fastrand::Rng;

/// Writes an archive of about 6 pages an issue; each issue has its own choice of sentences.
pub fn generate(root: &Path, issues: usize) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("issues");
    let folder = root.join("issues/p");
    std::fs::create_dir_all(&folder).expect("a folder");
    let publication =
        std::fs::read_to_string(samples.join("fugong/publication.toml")).expect("a publication");
    // Issues are fitted to their pages, as they are where nobody says otherwise.
    let publication = publication.replace("copy_fit = false\n", "");
    std::fs::write(folder.join("publication.toml"), publication).expect("a publication");
    let mut sentences = Vec::new();
    for sample in ["fugong/2014-16", "keji/2026-1", "keji/2026-2", "keji/2026-s1"] {
        let text =
            std::fs::read_to_string(samples.join(format!("{sample}.toml"))).expect("a sample");
        let lines = text.lines().filter(|line| line.contains('。') && !line.contains(" = "));
        let plain = lines.flat_map(|line| line.split('。')).filter(|sentence| {
            sentence.chars().count() > 8 && !sentence.contains(['*', '|', '\'', '"', '#', '!', '-'])
        });
        sentences.extend(plain.map(|sentence| sentence.trim().to_string()));
    }
    for index in 0..issues {
        let mut rng = Rng::with_seed(index as u64);
        let (year, number) = (2000 + index / 50, index % 50 + 1);
        let toml = issue(&mut rng, &sentences, year, number);
        std::fs::write(folder.join(format!("{year}-{number}.toml")), toml).expect("an issue");
    }
}

fn issue(rng: &mut Rng, sentences: &[String], year: usize, number: usize) -> String {
    let sentence = |rng: &mut Rng| {
        // A number makes two uses of the same sentence differ.
        format!("{}（{}例）", sentences[rng.usize(..sentences.len())], rng.u32(10..9999))
    };
    let mut toml = format!("number = {number}\ndate = {year}-06-01\n");
    for section in ["妇工动态", "基层经验", "工作研究"] {
        write!(toml, "\n[[sections]]\nname = \"{section}\"\n").expect("a text");
        for article in 0..2 {
            let title = sentence(rng);
            let title: String =
                title.chars().filter(|c| !"，、：；“”（）".contains(*c)).take(18).collect();
            write!(
                toml,
                "\n[[sections.articles]]\ntitle = \"{title}\"\nsource = \"基层\"\nbody = '''\n"
            )
            .expect("a text");
            for _ in 0..2 + article % 2 {
                let text: Vec<String> = (0..rng.usize(2..5)).map(|_| sentence(rng)).collect();
                writeln!(toml, "{}。", text.join("。")).expect("a text");
            }
            toml.push_str("'''\n");
        }
    }
    toml
}
