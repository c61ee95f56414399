//! The command line's types and nothing else. Its words are in the catalogue, see `words`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use jianbao::press::Paper;
use jianbao::publication::fonts::FontPaths;

/// Sets official Chinese bulletins (简报): issues in TOML become PDFs for print and archive
#[derive(Debug, Parser)]
#[command(version)]
pub struct Args {
    /// Language of messages [default: that of the locale, else zh]
    #[arg(long, global = true, value_enum)]
    pub lang: Option<LangArg>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LangArg {
    /// 中文
    Zh,
    /// English
    En,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build the PDFs of issues (生成 PDF)
    Build(Build),
    /// Build issues in memory and tell which would differ from jianbao.lock, and why (核对)
    Verify(Verify),
    /// Build issues in memory and show where their pages look different from their references (比对)
    Compare(Compare),
    /// Make the pages as they look now the references, where they look different (认可)
    Accept(Accept),
    /// Keep the version of a layout for the issues that pin it (版式)
    Layout {
        #[command(subcommand)]
        what: LayoutCommand,
    },
    /// Check issues by all rules without writing PDFs (检查)
    Check(Check),
    /// List the rules (规则)
    Rules {
        /// How the list is printed
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Measure the laid-out pages of issues against GB/T 9704-2012 and practice (量版)
    Measure(Measure),
    /// Make what the print room needs: plates, imposed sheets, numbered copies (印制)
    Press(Press),
    /// Read the code of a numbered copy from a photo, a scan or a PDF (追踪)
    Trace(Trace),
    /// Look whether PDFs can be printed (印前检查)
    Preflight(Preflight),
    /// Turn back issues in text or Word into issues, and say what to look at (导入)
    Import(Import),
    /// Start a project, a publication or an issue that builds at once (新建)
    New {
        #[command(subcommand)]
        what: New,
    },
    /// Set an issue anew at each save and show its pages in the browser (预览)
    Watch(Watch),
    /// Write, check and hand in issues in the browser (编辑)
    Studio(Studio),
    /// List the roles of type, the faces that play them, and what they cover (字体)
    Fonts(Common),
    /// Set the issues that build, verify and compare ask for, in a process of its own
    #[command(hide = true)]
    Worker(Worker),
    /// Print the JSON Schema of the data (数据格式)
    Schema {
        #[arg(value_enum)]
        of: SchemaOf,
    },
}

#[derive(Debug, ClapArgs)]
pub struct Build {
    /// Issues (issues/PUBLICATION/YEAR-NUMBER.toml) or folders of issues [default: all of the project]
    pub paths: Vec<PathBuf>,
    /// Folder for the PDFs, each in a folder named after its publication [default: out in the project]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// How many issues are set at the same time [default: as many as there are cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Build every issue, changed or not
    #[arg(short, long)]
    pub force: bool,
    /// Build nothing: only say what would be built
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Say why each issue is built
    #[arg(long)]
    pub explain: bool,
    /// Write jianbao.lock, if the project has none yet; where it is, every build keeps it current
    #[arg(long, conflicts_with_all = ["locked", "dry_run"])]
    pub lock: bool,
    /// Refuse every PDF that is not the one of jianbao.lock
    #[arg(long)]
    pub locked: bool,
    /// Say nothing but errors and warnings
    #[arg(short, long)]
    pub quiet: bool,
    /// Write what became of each issue to a file, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, ClapArgs)]
pub struct Verify {
    /// Issues or folders of issues [default: all that the lock holds, and all of the project]
    pub paths: Vec<PathBuf>,
    /// How many issues are set at the same time [default: as many as there are cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Say nothing of issues that are the same
    #[arg(short, long)]
    pub quiet: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, ClapArgs)]
pub struct Compare {
    /// Issues or folders of issues [default: all of the project]
    pub paths: Vec<PathBuf>,
    /// What with
    #[arg(long, value_enum, default_value_t = Against::References)]
    pub against: Against,
    /// Folder for the report, which is written only if pages differ [default: out in the project]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Comparison::Human)]
    pub format: Comparison,
    /// How many issues are compared at the same time [default: as many as there are cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Say nothing of issues that look the same
    #[arg(short, long)]
    pub quiet: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Against {
    /// The references in approved/
    References,
    /// The pages as Typst draws them: a test of the PDF itself
    Typst,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Comparison {
    /// Words for people
    Human,
    /// JSON for programs; lengths in mm
    Json,
    /// JUnit XML for continuous integration
    Junit,
}

#[derive(Debug, ClapArgs)]
pub struct Accept {
    /// Issues or folders of issues [default: all of the project]
    pub paths: Vec<PathBuf>,
    /// How many issues are compared at the same time [default: as many as there are cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Change nothing: only say what would be accepted
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Say nothing of issues that look the same
    #[arg(short, long)]
    pub quiet: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, ClapArgs)]
pub struct Check {
    /// Issues or folders of issues [default: all of the project]
    pub paths: Vec<PathBuf>,
    /// Put right what is sure
    #[arg(long)]
    pub fix: bool,
    /// Lay the issues out too, and put a ruler on their pages
    #[arg(long)]
    pub pages: bool,
    /// How the findings are printed
    #[arg(long, value_enum, default_value_t = Findings::Human)]
    pub format: Findings,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Subcommand)]
pub enum LayoutCommand {
    /// Copy a layout as it is now to layouts/NAME@VERSION
    Freeze {
        /// The layout
        name: String,
        /// The project, or any folder in it
        #[arg(long, value_name = "DIR", default_value = ".")]
        project: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Findings {
    /// With source lines
    Human,
    /// One line each
    Short,
    /// JSON
    Json,
    /// SARIF 2.1.0
    Sarif,
}

#[derive(Debug, ClapArgs)]
pub struct Measure {
    /// Issues or folders of issues [default: all of the project]
    pub paths: Vec<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, ClapArgs)]
pub struct Press {
    /// Issues or folders of issues [default: all of the project]
    pub paths: Vec<PathBuf>,
    /// Folder for the files, each in a folder named after its publication [default: out/press in the project]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Process colours, black in black alone, instead of one red and one black ink
    #[arg(long)]
    pub process: bool,
    /// A file for each ink
    #[arg(long, conflicts_with_all = ["process", "preprinted", "copies"])]
    pub plates: bool,
    /// For paper that brings its red: leave the red out
    #[arg(long)]
    pub preprinted: bool,
    /// Bring pages onto sheets
    #[arg(long, value_enum)]
    pub impose: Option<Scheme>,
    /// The paper: a4, a3, a2, sra3, sra2, or WIDTHxHEIGHT in mm [default: a3, with --marks sra3]
    #[arg(long, requires = "impose", value_parser = paper)]
    pub sheet: Option<Paper>,
    /// Whether sheets are printed on both sides
    #[arg(long, requires = "impose", value_enum, default_value_t = Sides::Duplex)]
    pub sides: Sides,
    /// The edge that the printer turns sheets over on [default: the one that leaves the backs upright]
    #[arg(long, requires = "impose", value_enum)]
    pub flip: Option<Flip>,
    /// Print crop, register, fold and staple marks, colour bars and a slug line beside the sheet
    #[arg(long, requires = "impose")]
    pub marks: bool,
    /// Pages of a signature of a booklet, a multiple of four [default: all pages in one]
    #[arg(long, requires = "impose", value_name = "PAGES", value_parser = clap::value_parser!(u16).range(1..))]
    pub signature: Option<u16>,
    /// How thick the paper is, in mm: inner pages of a booklet are moved towards the fold by it
    #[arg(long, requires = "impose", value_name = "MM", value_parser = thickness)]
    pub thickness: Option<f64>,
    /// Bind the issues in one volume with a cover, contents, continued page numbers and bookmarks
    #[arg(long, conflicts_with = "copies")]
    pub volume: bool,
    /// Who gets numbered copies: a .toml, .csv or .xlsx file
    #[arg(long, value_name = "FILE")]
    pub copies: Option<PathBuf>,
    /// The number of the first copy
    #[arg(long, requires = "copies", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=999_999))]
    pub first_number: u32,
    /// Set each recipient's name large and light under the text
    #[arg(long, requires = "copies")]
    pub watermark: bool,
    /// Print a code on page 1 of each copy that `trace` reads back
    #[arg(long, requires = "copies")]
    pub code: bool,
    /// A file for each recipient
    #[arg(long, requires = "copies")]
    pub per_recipient: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scheme {
    /// Saddle stitch
    Booklet,
    /// Two pages side by side
    #[value(name = "2up")]
    TwoUp,
    /// Piles to be cut and laid on one another
    CutStack,
    /// The same page again and again
    Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sides {
    /// Both
    Duplex,
    /// One
    Single,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Flip {
    /// The long edge
    Long,
    /// The short edge
    Short,
}

/// The paper of `--sheet`. Named ones are laid the way round that more pages fit on.
fn paper(text: &str) -> Result<Paper, String> {
    let length = |text: &str| text.parse().ok().filter(|mm| (10.0..=2000.0).contains(mm));
    match text.to_ascii_lowercase().as_str() {
        "a4" => Ok(Paper::Either(297.0, 210.0)),
        "a3" => Ok(Paper::Either(420.0, 297.0)),
        "a2" => Ok(Paper::Either(594.0, 420.0)),
        "sra3" => Ok(Paper::Either(450.0, 320.0)),
        "sra2" => Ok(Paper::Either(640.0, 450.0)),
        sides => sides
            .split_once(['x', '×'])
            .and_then(|(width, height)| Some(Paper::Fixed(length(width)?, length(height)?)))
            .ok_or_else(|| "a3".into()),
    }
}

fn thickness(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|mm| (0.0..=1.0).contains(mm)).ok_or_else(|| "0.1".into())
}

#[derive(Debug, ClapArgs)]
pub struct Trace {
    /// A photo or a scan (PNG, JPEG, WebP), or a PDF
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The register that names the recipient [default: that of the issue in out/press of the project]
    #[arg(long, value_name = "FILE")]
    pub register: Option<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// The project, or any folder in it
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub project: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub struct Preflight {
    /// PDFs
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The inks that may be used, as Black,Red [default: any]
    #[arg(long, value_delimiter = ',')]
    pub inks: Vec<String>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
}

#[derive(Debug, ClapArgs)]
pub struct Import {
    /// Back issues, or folders of them: txt, docx, html, md, pdf; doc, wps, rtf, odt through LibreOffice
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The publication [default: the one that the masthead names, else the only one]
    #[arg(long, value_name = "NAME")]
    pub publication: Option<String>,
    /// Folder for the issues [default: issues/PUBLICATION]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// The number, where the one FILE does not say it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=99_999))]
    pub number: Option<u32>,
    /// The cumulative number, where the one FILE does not say it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=999_999))]
    pub serial_number: Option<u32>,
    /// The date, as 2026-01-31, where the one FILE does not say it
    #[arg(long)]
    pub date: Option<String>,
    /// Say what would be done, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, ClapArgs)]
pub struct Watch {
    /// Issues or folders of issues [default: all of the project]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub browser: Browser,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, ClapArgs)]
pub struct Studio {
    /// An address of this machine for an office network; asks for a password
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<IpAddr>,
    #[command(flatten)]
    pub browser: Browser,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, ClapArgs)]
pub struct Browser {
    /// The port [default: any that is free]
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// Do not open the browser
    #[arg(long)]
    pub no_open: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Words for people
    Human,
    /// JSON for programs; lengths in mm
    Json,
}

#[derive(Debug, ClapArgs)]
pub struct Worker {
    /// How many threads an issue may use
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub threads: usize,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, ClapArgs)]
pub struct Common {
    /// The project, or any folder in it
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub project: PathBuf,
    /// A font file, or a folder of fonts, of the office's own; may be given several times
    #[arg(long, value_name = "PATH")]
    pub font_path: Vec<PathBuf>,
    /// Let publication.toml name the system's fonts too; other machines may not have them
    #[arg(long)]
    pub system_fonts: bool,
}

impl Common {
    /// Where fonts are looked for besides the program itself.
    pub fn font_paths(&self) -> FontPaths {
        FontPaths { paths: self.font_path.clone(), system: self.system_fonts }
    }
}

#[derive(Debug, Subcommand)]
pub enum New {
    /// A project with a publication and a first issue, in a new folder
    Project {
        /// The folder to make
        folder: PathBuf,
    },
    /// A publication with a first issue
    Publication {
        /// The name of its folder in issues/
        name: String,
        /// The project, or any folder in it
        #[arg(long, value_name = "DIR", default_value = ".")]
        project: PathBuf,
    },
    /// The next issue of a publication, its number and date carried on from the last
    Issue {
        /// The publication [default: the only one]
        publication: Option<String>,
        /// Its date, as 2026-01-31 [default: a week after the last issue's]
        #[arg(long)]
        date: Option<String>,
        /// The project, or any folder in it
        #[arg(long, value_name = "DIR", default_value = ".")]
        project: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SchemaOf {
    /// One issue, YEAR-NUMBER.toml
    Issue,
    /// publication.toml
    Publication,
}
