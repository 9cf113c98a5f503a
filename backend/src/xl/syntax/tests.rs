use super::*;

fn file(text: &str) -> File {
    parse(text).unwrap()
}

/// A file that is understood without a word.
fn clean(text: &str) -> File {
    let file = file(text);
    assert_eq!(file.notes, [], "{text}");
    file
}

fn value(text: &str) -> Value {
    clean(&format!("k = {text}\n")).settings["k"].value.clone()
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn number(text: &str) -> Value {
    Value::Number(text.into())
}

fn list(texts: &[&str]) -> Value {
    let items = texts.iter().map(|&text| Item {
        line: 1,
        value: Value::Text(text.into()),
    });
    Value::List(items.collect())
}

fn broken_at(text: &str, line: usize, word: &str) {
    let error = parse(text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let message = error.message();
    assert!(
        message.contains(&format!("line {line}:")),
        "{text:?}: {message}"
    );
    assert!(message.contains(word), "{text:?}: {message}");
    assert!(error.remedy().is_some());
}

/// The lines and keys that are not understood.
fn strange(text: &str) -> Vec<(usize, String)> {
    file(text)
        .notes
        .into_iter()
        .map(|note| (note.line.unwrap(), note.key))
        .collect()
}

#[test]
fn texts() {
    assert_eq!(value("'a \"b\" # c'"), text("a \"b\" # c"));
    assert_eq!(value(r#""a 'b' \" \\ \n \t""#), text("a 'b' \" \\ \n \t"));
    assert_eq!(value(r"'it\'s'"), text("it's"));
    assert_eq!(value(r"'\x41\101\q\xzz'"), text(r"AA\q\xzz"));
    assert_eq!(value("'a' \"b\"\t'c'"), text("abc"));
    assert_eq!(value("''"), text(""));
    assert_eq!(value("\"\"\"a\n'b' \"c\"\n\"\"\""), text("a\n'b' \"c\"\n"));
    assert_eq!(value("'a\\\nb'"), text("ab"));
    assert_eq!(value("'äöü €'"), text("äöü €"));
    assert_eq!(value("'a' + \"b\" + 'c'"), text("abc"));
    assert_eq!(value("('a' + 'b')"), text("ab"));
    assert_eq!(value("'a' \\\n  'b'"), text("ab"));
}

#[test]
fn numbers_and_words() {
    assert_eq!(value("256"), number("256"));
    assert_eq!(value("0x1F"), number("0x1F"));
    assert_eq!(value("-3600"), number("-3600"));
    assert_eq!(value("True"), number("1"));
    assert_eq!(value("False"), number("0"));
    assert_eq!(value("None"), Value::Nothing);
}

#[test]
fn lists() {
    assert_eq!(value("[]"), list(&[]));
    assert_eq!(value("['a','b']"), list(&["a", "b"]));
    assert_eq!(value("[ 'a', 'b', ]"), list(&["a", "b"]));
    assert_eq!(value("('a', 'b')"), list(&["a", "b"]));
    assert_eq!(value("('a',)"), list(&["a"]));
    assert_eq!(value("['a'] + ['b']"), list(&["a", "b"]));
    let file = clean("disk = [\n  'a', # first\n\n  'b'\n  ,\n]\nmemory = 1\n");
    let Value::List(items) = &file.settings["disk"].value else {
        panic!("no list");
    };
    assert_eq!(
        items.iter().map(|item| item.line).collect::<Vec<_>>(),
        [2, 4]
    );
    assert_eq!(file.settings["memory"].line, 7);
    let nested = value("[ ['a', 1], [] ]");
    let Value::List(items) = nested else {
        panic!("no list");
    };
    assert_eq!(items.len(), 2);
}

#[test]
fn statements() {
    let file = clean("\u{feff}# head\r\na=1; b='2;3' ;c = 3 # tail\r\n\r\n  d=4\n;;\ne=5");
    assert_eq!(file.settings.len(), 5);
    assert_eq!(file.settings["b"].value, text("2;3"));
    assert_eq!(file.settings["d"].line, 4);
    assert_eq!(file.settings["e"].line, 6);
    assert_eq!(clean("").settings.len(), 0);
}

#[test]
fn adding() {
    let file = clean("d = ['a']\nd += ['b']\ne += ['c']\nf = 'x'\nf += 'y'\n");
    assert_eq!(file.settings["f"].value, text("xy"));
    let Value::List(items) = &file.settings["d"].value else {
        panic!("no list");
    };
    assert_eq!(items.len(), 2);
}

#[test]
fn variables() {
    let file = clean("v = 'web'\nname = v\ndisk = ['phy:/dev/' + v + ',xvda,w', v]\n");
    assert_eq!(file.settings["name"].value, text("web"));
    assert!(file.variables.contains("v"));
    // Setting one again is how they are used.
    clean("v = 'a'\nname = v\nv = 'b'\n");
}

#[test]
fn the_last_of_two_counts_and_the_first_is_told() {
    let file = file("memory = 1\nmemory = 2\n");
    assert_eq!(file.settings["memory"].value, number("2"));
    assert_eq!(file.notes.len(), 1);
    assert_eq!(file.notes[0].line, Some(1));
    assert!(file.notes[0].why.contains("line 2"));
}

#[test]
fn python_is_told_and_not_run() {
    for (text, line, key) in [
        ("a=1\nimport os, re\nb=2", 2, ""),
        ("a=1\nb=2\nprint 'it''s'", 3, ""),
        ("a=1\nname = 'vm%d' % vmid\nb=2", 2, "name"),
        ("a=1\nmemory = 4 * 1024\nb=2", 2, "memory"),
        ("a=1\nmemory = 1 + 2\nb=2", 2, "memory"),
        ("a=1\narch = os.uname()[4]\nb=2", 2, "arch"),
        ("a=1\nx = other\nb=2", 2, "x"),
        ("a=1\nx = {'a': 1}\nb=2", 2, "x"),
        ("a=1\nx == 1\nb=2", 2, ""),
        ("a=1\nx =\nb=2", 2, "x"),
        ("a=1\nfoo(1,\n  2, [\n 3])\nb=2", 2, ""),
        ("a=1\nx = [ f(1), 2 ]\nb=2", 2, "x"),
        ("a=1\n'''a\ndocstring'''\nb=2", 2, ""),
        ("a=1\n%$!\nb=2", 2, ""),
        ("a=1\nx = 'a\\x01b'\nb=2", 2, "x"),
        ("a=1\nx = 'a' 1\nb=2", 2, "x"),
        ("a=1\nx = ()\nb=2", 2, "x"),
        ("a=1\nfoo([ 1\nb=2", 2, ""),
    ] {
        assert_eq!(strange(text), [(line, key.into())], "{text}");
        let settings = file(text).settings;
        assert_eq!(settings["a"].line, 1);
        assert!(settings.contains_key("b") || line == 3, "{text}");
    }
}

#[test]
fn what_a_condition_holds_is_not_taken() {
    let python = "memory = 1\nif x:\n    memory = 2\n    if y: \n        vcpus = 2\n\n    # so\n\
                else:\n\tmemory = 3\nvcpus = 4\ndef f():\n  return 1\nname = 'a'\n";
    let file = file(python);
    assert_eq!(file.settings["memory"].value, number("1"));
    assert_eq!(file.settings["vcpus"].value, number("4"));
    assert_eq!(file.settings["name"].value, text("a"));
    let lines: Vec<_> = file.notes.iter().filter_map(|note| note.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 8, 9, 11, 12]);
}

#[test]
fn what_depends_on_a_condition_is_not_taken() {
    let text = "lib = 'lib'\nif x:\n  lib = 'lib64'\nkernel = '/usr/' + lib + '/k'\n";
    assert_eq!(
        strange(text),
        [(2, String::new()), (3, "lib".into()), (4, "kernel".into())]
    );
}

#[test]
fn notes_repeat_nothing_of_the_line() {
    let file = file("vncpasswd = 'secret' % 1\nfoo 'secret'\n");
    assert_eq!(file.notes.len(), 2);
    assert!(!format!("{:?}", file.notes).contains("secret"));
}

#[test]
fn broken_files_name_the_line() {
    broken_at("a = 1\nname = 'web\nb = 2\n", 2, "quotation mark");
    broken_at("a = 1\nname = \"web'\n", 2, "quotation mark");
    broken_at("a = \"\"\"\nb\n\n", 1, "quotation mark");
    broken_at("a = 1\ndisk = [ 'a',\n 'b'\n", 2, "list");
    broken_at("disk = [ 'a',\nmemory = 128\n", 2, "setting begins inside");
    broken_at("disk = [ 'a',,'b' ]\n", 1, "two commas");
    broken_at("disk = [ , 'b' ]\n", 1, "two commas");
    broken_at(&format!("a = 1\nb = {}", "[".repeat(1000)), 2, "too deeply");
    broken_at(&format!("b = {}", "(".repeat(100_000)), 1, "too deeply");
}

#[test]
fn growth_is_bounded() {
    let mut text = String::from("a = 'aaaaaaaaaaaaaaaa'\n");
    text.push_str(&"a = a + a\n".repeat(64));
    let error = parse(&text).unwrap_err();
    assert!(error.message().contains("grow"), "{error}");
    let mut text = String::from("a = ['aaaaaaaaaaaaaaaa']\n");
    text.push_str(&"a = [a, a, a]\n".repeat(64));
    let error = parse(&text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = parse(&"#".repeat(SIZE_LIMIT + 1)).unwrap_err();
    assert!(error.message().contains("too large"), "{error}");
}

#[test]
fn variables_do_not_deepen_lists_without_end() {
    let mut text = String::from("a = [1]\n");
    text.push_str(&"a = [a]\n".repeat(10_000));
    let error = parse(&text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn something_else_is_no_configuration() {
    let prose = "Dear sir,\n".repeat(1000);
    let error = parse(&prose).unwrap_err();
    assert!(error.message().contains("not a configuration"), "{error}");
    let brackets = "(\n".repeat(SIZE_LIMIT / 2);
    assert!(parse(&brackets).is_err());
}
