//! The library of a house as people have it: films and shows everybody knows, with their neighbours in name.

use search::{Document, Facet};

use crate::films::{film, id};

/// Title, year, popularity, kind, other titles, people, genres; lists parted by `|`.
type Row = (&'static str, i32, f32, &'static str, &'static str, &'static str, &'static str);

const MOVIE: &str = "movie";
const SERIES: &str = "series";

const HOUSE: &[Row] = &[
    ("Star Wars", 1977, 95.0, MOVIE, "Star Wars: Episode IV - A New Hope|Krieg der Sterne", "George Lucas|Mark Hamill|Harrison Ford", "Science Fiction|Adventure"),
    ("The Empire Strikes Back", 1980, 92.0, MOVIE, "Star Wars: Episode V|Das Imperium schlägt zurück", "Irvin Kershner|Mark Hamill|Harrison Ford", "Science Fiction|Adventure"),
    ("Return of the Jedi", 1983, 88.0, MOVIE, "Star Wars: Episode VI|Die Rückkehr der Jedi-Ritter", "Richard Marquand|Mark Hamill", "Science Fiction|Adventure"),
    ("Star Wars: The Clone Wars", 2008, 70.0, MOVIE, "", "Dave Filoni", "Animation|Science Fiction"),
    ("The Clone Wars", 2008, 97.0, SERIES, "", "Dave Filoni", "Animation|Science Fiction"),
    ("Rogue One", 2016, 80.0, MOVIE, "Rogue One: A Star Wars Story", "Gareth Edwards|Felicity Jones", "Science Fiction"),
    ("Star Trek", 1966, 85.0, SERIES, "Raumschiff Enterprise", "William Shatner|Leonard Nimoy", "Science Fiction"),
    ("Star Trek II: The Wrath of Khan", 1982, 60.0, MOVIE, "Der Zorn des Khan", "William Shatner|Leonard Nimoy", "Science Fiction"),
    ("Stargate", 1994, 58.0, MOVIE, "", "Roland Emmerich|Kurt Russell", "Science Fiction"),
    ("A Star Is Born", 2018, 75.0, MOVIE, "", "Bradley Cooper|Lady Gaga", "Drama|Music"),
    ("The Matrix", 1999, 94.0, MOVIE, "Matrix", "Lana Wachowski|Keanu Reeves|Laurence Fishburne", "Science Fiction|Action"),
    ("The Matrix Reloaded", 2003, 70.0, MOVIE, "", "Lana Wachowski|Keanu Reeves", "Science Fiction|Action"),
    ("The Matrix Revolutions", 2003, 66.0, MOVIE, "", "Lana Wachowski|Keanu Reeves", "Science Fiction|Action"),
    ("John Wick", 2014, 82.0, MOVIE, "", "Chad Stahelski|Keanu Reeves", "Action"),
    ("Speed", 1994, 64.0, MOVIE, "", "Jan de Bont|Keanu Reeves|Sandra Bullock", "Action"),
    ("Rocky", 1976, 83.0, MOVIE, "", "John G. Avildsen|Sylvester Stallone", "Drama|Sport"),
    ("Rocky II", 1979, 62.0, MOVIE, "", "Sylvester Stallone", "Drama|Sport"),
    ("Rocky III", 1982, 60.0, MOVIE, "", "Sylvester Stallone|Mr. T", "Drama|Sport"),
    ("Rocky IV", 1985, 63.0, MOVIE, "", "Sylvester Stallone|Dolph Lundgren", "Drama|Sport"),
    ("The Godfather", 1972, 96.0, MOVIE, "Der Pate", "Francis Ford Coppola|Marlon Brando|Al Pacino", "Crime|Drama"),
    ("The Godfather Part II", 1974, 90.0, MOVIE, "Der Pate 2", "Francis Ford Coppola|Al Pacino|Robert De Niro", "Crime|Drama"),
    ("The Godfather Part III", 1990, 65.0, MOVIE, "Der Pate 3", "Francis Ford Coppola|Al Pacino", "Crime|Drama"),
    ("Heat", 1995, 86.0, MOVIE, "", "Michael Mann|Al Pacino|Robert De Niro", "Crime|Thriller"),
    ("The Heat", 2013, 55.0, MOVIE, "Taffe Mädels", "Paul Feig|Sandra Bullock", "Comedy|Action"),
    ("White Heat", 1949, 40.0, MOVIE, "", "Raoul Walsh|James Cagney", "Crime"),
    ("Body Heat", 1981, 38.0, MOVIE, "", "Lawrence Kasdan|William Hurt", "Thriller"),
    ("Forrest Gump", 1994, 93.0, MOVIE, "", "Robert Zemeckis|Tom Hanks|Robin Wright", "Comedy|Drama"),
    ("Big", 1988, 57.0, MOVIE, "", "Penny Marshall|Tom Hanks", "Comedy"),
    ("Big Fish", 2003, 66.0, MOVIE, "", "Tim Burton|Ewan McGregor", "Drama|Fantasy"),
    ("The Big Lebowski", 1998, 84.0, MOVIE, "", "Joel Coen|Jeff Bridges|John Goodman", "Comedy|Crime"),
    ("The Big Short", 2015, 72.0, MOVIE, "", "Adam McKay|Christian Bale", "Comedy|Drama"),
    ("Philadelphia", 1993, 61.0, MOVIE, "", "Jonathan Demme|Tom Hanks|Denzel Washington", "Drama"),
    ("Cast Away", 2000, 73.0, MOVIE, "Verschollen", "Robert Zemeckis|Tom Hanks", "Adventure|Drama"),
    ("Apollo 13", 1995, 71.0, MOVIE, "", "Ron Howard|Tom Hanks|Kevin Bacon", "Drama|History"),
    ("Ocean's Eleven", 2001, 76.0, MOVIE, "", "Steven Soderbergh|George Clooney|Brad Pitt", "Crime|Thriller"),
    ("Ocean's Twelve", 2004, 60.0, MOVIE, "", "Steven Soderbergh|George Clooney", "Crime|Thriller"),
    ("Ocean's Thirteen", 2007, 61.0, MOVIE, "", "Steven Soderbergh|George Clooney", "Crime|Thriller"),
    ("Spider-Man", 2002, 81.0, MOVIE, "", "Sam Raimi|Tobey Maguire", "Action"),
    ("Spider-Man: No Way Home", 2021, 89.0, MOVIE, "", "Jon Watts|Tom Holland|Zendaya", "Action"),
    ("Spider-Man: Into the Spider-Verse", 2018, 87.0, MOVIE, "", "Bob Persichetti|Shameik Moore", "Animation|Action"),
    ("Amélie", 2001, 79.0, MOVIE, "Le Fabuleux Destin d'Amélie Poulain|Die fabelhafte Welt der Amélie", "Jean-Pierre Jeunet|Audrey Tautou", "Comedy|Romance"),
    ("La La Land", 2016, 83.0, MOVIE, "", "Damien Chazelle|Ryan Gosling|Emma Stone", "Music|Romance"),
    ("La Haine", 1995, 68.0, MOVIE, "Hass", "Mathieu Kassovitz|Vincent Cassel", "Drama"),
    ("Das Boot", 1981, 74.0, MOVIE, "The Boat", "Wolfgang Petersen|Jürgen Prochnow", "War|Drama"),
    ("Das Leben der Anderen", 2006, 72.0, MOVIE, "The Lives of Others", "Florian Henckel von Donnersmarck|Ulrich Mühe", "Drama"),
    ("Lola rennt", 1998, 60.0, MOVIE, "Run Lola Run", "Tom Tykwer|Franka Potente", "Thriller"),
    ("Spirited Away", 2001, 91.0, MOVIE, "千と千尋の神隠し|Chihiros Reise ins Zauberland|Sen to Chihiro no kamikakushi", "Hayao Miyazaki", "Animation|Fantasy"),
    ("Princess Mononoke", 1997, 84.0, MOVIE, "もののけ姫|Prinzessin Mononoke", "Hayao Miyazaki", "Animation|Fantasy"),
    ("Akira", 1988, 78.0, MOVIE, "アキラ", "Katsuhiro Otomo", "Animation|Science Fiction"),
    ("WALL·E", 2008, 85.0, MOVIE, "Wall-E", "Andrew Stanton|Ben Burtt", "Animation|Science Fiction"),
    ("Up", 2009, 82.0, MOVIE, "Oben", "Pete Docter|Ed Asner", "Animation|Comedy"),
    ("Toy Story", 1995, 88.0, MOVIE, "", "John Lasseter|Tom Hanks|Tim Allen", "Animation|Comedy"),
    ("Toy Story 2", 1999, 75.0, MOVIE, "", "John Lasseter|Tom Hanks", "Animation|Comedy"),
    ("Toy Story 3", 2010, 81.0, MOVIE, "", "Lee Unkrich|Tom Hanks", "Animation|Comedy"),
    ("2001: A Space Odyssey", 1968, 84.0, MOVIE, "2001: Odyssee im Weltraum", "Stanley Kubrick|Keir Dullea", "Science Fiction"),
    ("The Shining", 1980, 86.0, MOVIE, "Shining", "Stanley Kubrick|Jack Nicholson", "Horror"),
    ("Full Metal Jacket", 1987, 77.0, MOVIE, "", "Stanley Kubrick|Matthew Modine", "War|Drama"),
    ("12 Monkeys", 1995, 75.0, MOVIE, "Twelve Monkeys", "Terry Gilliam|Bruce Willis|Brad Pitt", "Science Fiction|Thriller"),
    ("Se7en", 1995, 87.0, MOVIE, "Seven|Sieben", "David Fincher|Brad Pitt|Morgan Freeman", "Crime|Thriller"),
    ("Fight Club", 1999, 92.0, MOVIE, "", "David Fincher|Brad Pitt|Edward Norton", "Drama"),
    ("Die Hard", 1988, 85.0, MOVIE, "Stirb langsam", "John McTiernan|Bruce Willis|Alan Rickman", "Action|Thriller"),
    ("Die Hard 2", 1990, 64.0, MOVIE, "Stirb langsam 2", "Renny Harlin|Bruce Willis", "Action|Thriller"),
    ("Hard Candy", 2005, 50.0, MOVIE, "", "David Slade|Elliot Page", "Thriller"),
    ("Alien", 1979, 90.0, MOVIE, "", "Ridley Scott|Sigourney Weaver", "Horror|Science Fiction"),
    ("Aliens", 1986, 86.0, MOVIE, "", "James Cameron|Sigourney Weaver", "Action|Science Fiction"),
    ("Alien: Covenant", 2017, 65.0, MOVIE, "", "Ridley Scott|Michael Fassbender", "Horror|Science Fiction"),
    ("Blade Runner", 1982, 87.0, MOVIE, "Der Blade Runner", "Ridley Scott|Harrison Ford", "Science Fiction|Thriller"),
    ("Blade Runner 2049", 2017, 83.0, MOVIE, "", "Denis Villeneuve|Ryan Gosling|Harrison Ford", "Science Fiction|Thriller"),
    ("Terminator 2: Judgment Day", 1991, 89.0, MOVIE, "Terminator 2 - Tag der Abrechnung", "James Cameron|Arnold Schwarzenegger", "Action|Science Fiction"),
    ("The Terminator", 1984, 84.0, MOVIE, "", "James Cameron|Arnold Schwarzenegger", "Action|Science Fiction"),
    ("V for Vendetta", 2005, 78.0, MOVIE, "V wie Vendetta", "James McTeigue|Natalie Portman", "Action|Thriller"),
    ("I, Robot", 2004, 66.0, MOVIE, "", "Alex Proyas|Will Smith", "Science Fiction"),
    ("Mission: Impossible", 1996, 74.0, MOVIE, "", "Brian De Palma|Tom Cruise", "Action|Thriller"),
    ("Mission: Impossible - Fallout", 2018, 79.0, MOVIE, "", "Christopher McQuarrie|Tom Cruise", "Action|Thriller"),
    ("The Favourite", 2018, 68.0, MOVIE, "", "Yorgos Lanthimos|Olivia Colman", "Drama|Comedy"),
    ("Schindler's List", 1993, 90.0, MOVIE, "Schindlers Liste", "Steven Spielberg|Liam Neeson", "Drama|History"),
    ("Jurassic Park", 1993, 88.0, MOVIE, "", "Steven Spielberg|Sam Neill|Laura Dern", "Adventure|Science Fiction"),
    ("E.T. the Extra-Terrestrial", 1982, 80.0, MOVIE, "E.T. - Der Außerirdische", "Steven Spielberg|Henry Thomas", "Family|Science Fiction"),
    ("Fast & Furious", 2009, 62.0, MOVIE, "", "Justin Lin|Vin Diesel", "Action"),
    ("S.W.A.T.", 2003, 45.0, MOVIE, "", "Clark Johnson|Samuel L. Jackson", "Action"),
    ("Breaking Bad", 2008, 98.0, SERIES, "", "Vince Gilligan|Bryan Cranston|Aaron Paul", "Crime|Drama"),
    ("Better Call Saul", 2015, 90.0, SERIES, "", "Vince Gilligan|Bob Odenkirk", "Crime|Drama"),
    ("Game of Thrones", 2011, 97.0, SERIES, "Das Lied von Eis und Feuer", "David Benioff|Emilia Clarke", "Drama|Fantasy"),
    ("The Office", 2005, 93.0, SERIES, "The Office (US)", "Greg Daniels|Steve Carell", "Comedy"),
    ("Office Space", 1999, 63.0, MOVIE, "Alles Routine", "Mike Judge|Ron Livingston", "Comedy"),
    ("Friends", 1994, 94.0, SERIES, "", "David Crane|Jennifer Aniston", "Comedy"),
    ("Borgen", 2010, 66.0, SERIES, "Gefährliche Seilschaften", "Adam Price|Sidse Babett Knudsen", "Drama"),
    ("Forbrydelsen", 2007, 60.0, SERIES, "The Killing|Kommissarin Lund", "Søren Sveistrup|Sofie Gråbøl", "Crime"),
    ("Płynące wieżowce", 2013, 20.0, MOVIE, "Floating Skyscrapers", "Tomasz Wasilewski", "Drama"),
    ("Ida", 2013, 50.0, MOVIE, "", "Paweł Pawlikowski|Agata Kulesza", "Drama"),
    ("Brazil", 1985, 67.0, MOVIE, "", "Terry Gilliam|Jonathan Pryce", "Science Fiction|Comedy"),
    ("Casablanca", 1942, 81.0, MOVIE, "", "Michael Curtiz|Humphrey Bogart|Ingrid Bergman", "Drama|Romance"),
    ("It", 2017, 76.0, MOVIE, "Es", "Andy Muschietti|Bill Skarsgård", "Horror"),
    ("Her", 2013, 74.0, MOVIE, "", "Spike Jonze|Joaquin Phoenix", "Drama|Romance"),
];

pub fn documents() -> Vec<Document> {
    let list = |text: &str| -> Vec<String> {
        text.split('|').filter(|it| !it.is_empty()).map(str::to_owned).collect()
    };
    let document = |row: &Row| {
        let (title, year, popularity, kind, titles, people, genres) = *row;
        let genres = list(genres);
        let sort_title = ["The ", "A ", "Das ", "La "].iter().find_map(|it| title.strip_prefix(it));
        Document {
            // Some are called the same; none came out in the same year.
            id: id(&format!("{title}{year}{kind}")),
            kind: kind.into(),
            sort_title: sort_title.unwrap_or(title).into(),
            titles: list(titles),
            people: list(people),
            facets: genres.iter().map(|it| (Facet::Genre, it.clone())).collect(),
            genres,
            year: Some(year),
            overview: Some(format!("The story of {title}, told by the people who were in it.")),
            ..film(title, popularity)
        }
    };
    HOUSE.iter().map(document).collect()
}
