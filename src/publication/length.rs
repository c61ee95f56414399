//! A length on paper: measured in points, printed in millimetres as well.

use serde::Serialize;
use serde::ser::SerializeStruct;

/// Points in a millimetre.
pub const MM: f64 = 72.0 / 25.4;

/// A length on paper, in pt; as JSON `{ "mm": …, "pt": … }`, to a thousandth.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Length(pub f64);

impl Length {
    /// The length in mm.
    pub fn mm(self) -> f64 {
        self.0 / MM
    }
}

impl std::fmt::Display for Length {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} mm ({:.2} pt)", self.mm(), self.0)
    }
}

impl Serialize for Length {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rounded = |length: f64| (length * 1000.0).round() / 1000.0;
        let mut both = serializer.serialize_struct("Length", 2)?;
        both.serialize_field("mm", &rounded(self.mm()))?;
        both.serialize_field("pt", &rounded(self.0))?;
        both.end()
    }
}
