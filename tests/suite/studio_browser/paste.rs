//! Pasted text and dropped pictures → the issue's text and files.

use headless_chrome::browser::tab::ModifierKey;
use serde_json::json;

use super::{Page, SEED, Studio, field, project};
use crate::browser::browser;
use crate::support::root;

#[test]
fn text_pasted_from_word_comes_clean_and_a_dropped_picture_lies_beside_the_issue() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(true));
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    let body = field(1, 1, "body");
    page.fill(&body, "");
    let word = r#"<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{mso-style-parent:""}</style></head><body>
        <!--StartFragment--><p class=MsoNormal style='text-indent:32.0pt;mso-char-indent-count:2.0'><b><span lang=EN-US style='mso-bidi-font-family:"Times New Roman"'>一是抓好落实。</span></b><span>全市召开会议，<o:p></o:p></span></p>
        <p class=MsoNormal><span>会后各县区分头部署。</span></p>
        <table class=MsoTableGrid border=1><tr><td><p>县区</p></td><td><p>站点</p></td></tr><tr><td><p>甲县</p></td><td><p>18</p></td></tr></table><!--EndFragment--></body></html>"#;
    page.run(&format!(
        "(() => {{
            const area = document.querySelector({body:?});
            area.focus();
            const data = new DataTransfer();
            data.setData('text/html', {html});
            data.setData('text/plain', 'plain');
            area.dispatchEvent(new ClipboardEvent('paste', {{ bubbles: true, cancelable: true, clipboardData: data }}));
        }})()",
        html = json!(word)
    ));
    let text = studio.wait_for_file(SEED, |text| text.contains("会后各县区分头部署。"));
    assert!(text.contains("**一是抓好落实。**全市召开会议，\n"), "{text}");
    assert!(text.contains("| 甲县 | 18 |"), "{text}");
    assert!(!text.contains("mso") && !text.contains("<p"), "{text}");
    // A picture is dropped into the text, and lies beside the issue.
    page.drop_file(&body, &root().join("issues/keji/pictures/activities-2021-2025.png"));
    studio.wait_for_file(SEED, |text| text.contains("](pictures/activities-2021-2025.png)"));
    assert!(studio.project.path("issues/fugong/pictures/activities-2021-2025.png").is_file());
    page.wait("it on the page", "document.querySelector('.paper image')");
    page.focus(&body);
    page.keys(&[ModifierKey::Ctrl], "z");
    studio.wait_for_file(SEED, |text| !text.contains("pictures/"));
    // The browser's own undo takes the paste back.
    page.focus(&body);
    page.keys(&[ModifierKey::Ctrl], "z");
    studio.wait_for_file(SEED, |text| !text.contains("会后各县区分头部署。"));
}

#[test]
fn a_picture_lands_where_it_is_dropped() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(true));
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    let body = field(1, 1, "body");
    page.fill(&body, "第一行\n第二行\n第三行");
    let picture = root().join("issues/keji/pictures/activities-2021-2025.png");
    page.run(&format!(
        "(() => {{
            const target = document.querySelector({body:?});
            target.scrollIntoView({{ block: 'center' }});
            const box = target.getBoundingClientRect();
            const style = getComputedStyle(target);
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array({})], 'p.png'));
            const clientY = box.top + parseFloat(style.paddingTop) + 0.5 * parseFloat(style.lineHeight);
            target.dispatchEvent(new DragEvent('drop', {{ bubbles: true, cancelable: true, dataTransfer: data, clientX: box.right - 20, clientY }}));
        }})()",
        json!(std::fs::read(picture).expect("a picture"))
    ));
    let text = studio.wait_for_file(SEED, |text| text.contains("](pictures/p.png)"));
    assert!(text.contains("第一行\n!["), "{text}");
}
